import pytest

pytest.register_assert_rewrite("tests.foreign.sdk_stories")
