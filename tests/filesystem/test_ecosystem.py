"""What people reach over fsspec: pandas, pyarrow and universal_pathlib, over HTTP, by the environment alone."""

from __future__ import annotations

import pytest

from azfiles.filesystem import AzureFilesFileSystem
from tests.filesystem.needing import need

pytestmark = pytest.mark.filterwarnings("default")  # what other libraries warn of is not ours to mend


@pytest.fixture
def fs(served):
    fs = AzureFilesFileSystem()
    fs.mkdir("data")
    yield fs
    fs.disconnect()
    fs.clear_instance_cache()


def test_pandas_reads_and_writes_csv_and_parquet(fs):
    pandas = need("pandas")
    need("pyarrow")
    frame = pandas.DataFrame({"city": ["Ulm", "Bonn", "Ulm"] * 1000, "count": range(3000), "share": [0.5] * 3000})
    for name in ("frame.csv", "frame.csv.gz"):
        frame.to_csv(f"azfiles://data/out/{name}", index=False)
        pandas.testing.assert_frame_equal(pandas.read_csv(f"azfiles://data/out/{name}"), frame)
    frame.to_parquet("azfiles://data/out/frame.parquet")
    found = pandas.read_parquet("azfiles://data/out/frame.parquet", columns=["city"])
    pandas.testing.assert_frame_equal(found, frame[["city"]])
    frame.to_parquet("azfiles://data/out/parts", partition_cols=["city"])
    assert fs.ls("data/out/parts", detail=False) == ["data/out/parts/city=Bonn", "data/out/parts/city=Ulm"]
    bonn = pandas.read_parquet("azfiles://data/out/parts", filters=[("city", "==", "Bonn")])
    assert sorted(bonn["count"]) == list(range(1, 3000, 3))


def test_pyarrow_writes_and_reads_a_data_set(fs):
    pa = need("pyarrow")
    dataset = need("pyarrow.dataset")
    parquet = need("pyarrow.parquet")
    arrow = need("pyarrow.fs")
    table = pa.table({"year": [2024, 2025, 2025], "value": [1, 2, 3]})
    reached = arrow.PyFileSystem(arrow.FSSpecHandler(fs))
    partitioning = dataset.partitioning(pa.schema([("year", pa.int64())]), flavor="hive")
    dataset.write_dataset(table, "data/set", format="parquet", filesystem=reached, partitioning=partitioning)
    found = dataset.dataset("data/set", filesystem=reached, partitioning=partitioning)
    assert found.to_table(filter=dataset.field("year") == 2025).column("value").to_pylist() == [2, 3]
    parquet.write_table(table, "data/table.parquet", filesystem=fs)
    assert parquet.read_table("data/table.parquet", filesystem=fs).equals(table)
    info = reached.get_file_info("data/table.parquet")
    assert (info.type, info.size) == (arrow.FileType.File, fs.size("data/table.parquet"))
    assert info.mtime is not None
    assert reached.get_file_info("data/none").type == arrow.FileType.NotFound
    reached.move("data/table.parquet", "data/moved.parquet")
    reached.copy_file("data/moved.parquet", "data/copied.parquet")
    selected = reached.get_file_info(arrow.FileSelector("data"))
    assert {each.base_name for each in selected} == {"set", "moved.parquet", "copied.parquet"}
    reached.delete_dir("data/set")
    assert fs.find("data") == ["data/copied.parquet", "data/moved.parquet"]


def test_universal_pathlib_walks_reads_writes_and_renames(fs):
    upath = need("upath")
    root = upath.UPath("azfiles://data/")
    folder = root / "a" / "b"
    folder.mkdir(parents=True)
    file = folder / "text.txt"
    file.write_text("grün")
    assert file.read_text() == "grün"
    assert file.exists()
    assert file.is_file()
    assert folder.is_dir()
    assert file.stat().st_size == 5
    assert [path.name for path in root.rglob("*.txt")] == ["text.txt"]
    assert [path.name for path in folder.iterdir()] == ["text.txt"]
    assert file.suffix == ".txt"
    moved = file.rename(folder / "other.txt")
    assert not file.exists()
    assert moved.read_bytes() == "grün".encode()
    with pytest.raises(FileNotFoundError):
        file.read_text()
    with pytest.raises(FileExistsError):
        folder.mkdir()
    moved.unlink()
    folder.rmdir()
    assert not folder.exists()
