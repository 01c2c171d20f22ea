# The image of the service: Node 24, the built service, and the client tools of both database families.
#
#   docker build --tag database-backup-service .
#   docker run --publish 127.0.0.1:5002:5002 --env ADMIN_PASSWORD=… \
#     --volume backup-data:/app/data --volume backups:/app/backups database-backup-service
#
# `deploy/test-image.sh` runs these very steps in a Debian chroot and then the entrypoint against real servers. It
# understands the instructions used here and refuses any other, so that what it has proved is what stands below.

FROM node:24-trixie-slim AS base

# Building needs the development packages, running does not: each stage installs its own set from the one lock file.
# Install scripts stay off: nothing that the build or the service uses needs one.
FROM base AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY libs libs
COPY apps apps
COPY scripts scripts
RUN node_modules/.bin/nest build api && node scripts/bundle.mjs \
  && node_modules/.bin/vite build apps/dashboard

FROM base AS dependencies
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# Optional here is only what a compiler plugin and another platform would use.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM base AS runtime

# Debian 13: PostgreSQL client 17 (dumps servers up to 17) and MariaDB client 11.8 (also for MySQL servers); and the
# servers, in which backups are proven by restoring them. Those run only then, in the data volume, and as this image's user.
# Exact package versions are not pinned: the archive keeps only the newest of a release, so that a pin would break the
# build with the first security update instead of taking it.
# hadolint ignore=DL3008
RUN mkdir --parents /etc/postgresql-common \
  && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
  && apt-get update \
  && apt-get install --yes --no-install-recommends \
    ca-certificates \
    mariadb-client \
    mariadb-server \
    postgresql-17 \
    postgresql-client-17 \
    tzdata \
  && rm -rf /var/lib/apt/lists/* /var/lib/mysql/*

# The working directory is part of the interface: answers show paths relative to it, such as ./backups/shop.sql.
# 1000 is the user `node` of the base image. A new volume takes over owner and mode of the folder that it covers.
WORKDIR /app
RUN install --directory --owner=1000 --group=1000 --mode=0700 data backups
COPY package.json ./
COPY --from=dependencies /src/node_modules node_modules
COPY --from=build /src/dist dist

# 0.0.0.0 is this container's own network; what can be reached is decided by publishing the port. The service does not
# start on it until ADMIN_PASSWORD, ADMIN_PASSWORD_FILE or AUTH_DISABLED=true has been given.
# config.ini is replaced by renaming, so that its folder must be writable: it lives in the volume of the data.
ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  PORT=5002 \
  CONFIG_FILE=./data/config.ini

ARG VERSION=dev
LABEL org.opencontainers.image.title="Database Backup Service" \
  org.opencontainers.image.description="Backs up PostgreSQL and MySQL/MariaDB databases, proves the backups, and restores them: in the browser or over a REST API." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}"

# A number, so that orchestrators can see that it is not root. Everything of the image belongs to root and is read only
# to it; it writes to the two volumes and to nothing else.
USER 1000:1000
EXPOSE 5002
VOLUME ["/app/data", "/app/backups"]

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 5002) + '/api/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# The service is process 1 and handles the signal itself: it lets a running backup finish, or cancels it cleanly, within
# SHUTDOWN_GRACE_SECONDS (30). Docker waits for 10 seconds only: give `docker stop --time 45` or stop_grace_period.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--max-semi-space-size=1", "--no-incremental-marking", "--expose-gc", "dist/service.js"]
