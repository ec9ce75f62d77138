# Duihao in a container. Builds behind a firewall too: give the mirrors as build arguments, e.g.
#   docker build --build-arg NODE_IMAGE=mirror.example/node:20-bookworm-slim \
#                --build-arg NPM_CONFIG_REGISTRY=https://npm.example/ -t duihao .
# and run it with
#   docker run --rm -p 3000:3000 duihao
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
ARG NPM_CONFIG_REGISTRY=https://registry.npmjs.org/
# Where libtensorflow is mirrored (the folder above tf-lib). Empty: not fetched, WebAssembly computes instead.
ARG TFJS_NODE_CDN_STORAGE=
ENV NPM_CONFIG_REGISTRY=${NPM_CONFIG_REGISTRY} NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false
# A compiler for nodejieba's native part; without Debian's mirror @node-rs/jieba's prebuilt binary segments.
RUN (apt-get update && apt-get install -y --no-install-recommends python3 make g++) \
    || echo 'no compiler: nodejieba will not be built' >&2
WORKDIR /app
COPY package.json package-lock.json ./
COPY .config .config
# No third-party install script runs, whatever npm's version: ours builds what can be built.
RUN npm ci --ignore-scripts && npm run postinstall
RUN if [ -n "${TFJS_NODE_CDN_STORAGE}" ]; then npm rebuild @tensorflow/tfjs-node; fi
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts
# Without its library tfjs-node is 200 MB of JavaScript that cannot be loaded.
RUN if [ -z "${TFJS_NODE_CDN_STORAGE}" ]; then \
      npm uninstall --no-save --omit=dev --ignore-scripts @tensorflow/tfjs-node; fi

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/.config/health-check.mjs .config/
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/data data
# Owned by the user that serves: `duihao models promote` writes here. Mount a volume to bring your own.
COPY --from=build --chown=node:node /app/models models
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
# The model is there within seconds; three failed probes after that mean trouble.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", ".config/health-check.mjs"]
CMD ["node", "dist/src/cli/main.js", "serve"]
