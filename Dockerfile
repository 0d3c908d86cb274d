# syntax=docker/dockerfile:1
FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production LATCHKEY_DATA_DIR=/data MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072
COPY package.json package-lock.json ./
COPY server/package.json server/
COPY bench/package.json bench/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force
COPY server/migrations server/migrations
COPY server/src server/src
RUN install -d -o node -g node -m 0700 /data
USER node
# What Node makes of the sources is kept with the data, so that the next start is quicker and takes less memory.
ENV NODE_COMPILE_CACHE=/data/compile-cache
VOLUME /data
EXPOSE 3000
CMD ["node", "--heap-growing-percent=40", "--max-semi-space-size=16", "--no-maglev-destroy-on-background", "server/src/main.ts"]
