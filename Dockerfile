FROM python:3.12-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
RUN make install && rm -rf node_modules

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home mash && install --directory --owner=mash /var/lib/mash
# The same path as in the build: the programs in .venv hold it.
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER mash
EXPOSE 8000
CMD ["mash", "serve", "--host", "0.0.0.0", "--port", "8000"]
