# azfiles-sim in a container: docker build -t azfiles-sim . && docker run -p 127.0.0.1:10004:10004 azfiles-sim
# docs/containers.md says how it was tried.

FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY azfiles azfiles
COPY azfiles_sim azfiles_sim
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY --from=build /wheels /wheels
RUN python -m pip install --no-cache-dir "$(echo /wheels/*.whl)[server]" && rm -r /wheels
RUN useradd --create-home --home-dir /data sim
USER sim
# Keys and contents: kept only where a volume is mounted here.
VOLUME /data
EXPOSE 10004
HEALTHCHECK --interval=5s --timeout=3s CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 10004), 2)"]
# All addresses of the container; who may reach those is for `docker run -p` to say.
ENTRYPOINT ["azfiles-sim", "serve", "--host", "0.0.0.0"]
CMD ["--data", "/data"]
