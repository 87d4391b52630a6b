# The service's image, built from source:  docker build -t code-interpreter .
#
# Debian's own image where a registry can be reached; dev/lib/images.sh makes it from Debian's packages where none can.
FROM debian:trixie-slim AS build

# man1: packages of Java link into it, and slim images have none.
RUN mkdir -p /usr/share/man/man1 && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      binutils ca-certificates openjdk-25-jdk-headless maven \
 && rm -rf /var/lib/apt/lists/*

# Certificates to trust beside Debian's while building, as PEM text: for networks that look into TLS.
ARG EXTRA_CA=
RUN [ -z "$EXTRA_CA" ] || { cd /usr/local/share/ca-certificates \
      && printf '%s\n' "$EXTRA_CA" | csplit -s -z -f extra- -b %d.crt - '/-----BEGIN CERTIFICATE-----/' '{*}' \
      && update-ca-certificates; }

WORKDIR /build
RUN ln -sfn "$(echo /usr/lib/jvm/java-25-openjdk-*)" /usr/lib/jvm/java-25 # whatever the architecture
ENV JAVA_HOME=/usr/lib/jvm/java-25

# Where scanners look for packages that dpkg did not install.
RUN dpkg-query --status openjdk-25-jre-headless > /openjdk-25-jre-headless

# A Java with the modules that the service uses and no others. Without java.desktop libraries do without JavaBeans.
RUN "$JAVA_HOME/bin/jlink" --output /runtime --strip-java-debug-attributes --no-header-files --no-man-pages --compress zip-9 \
      --add-modules java.base,java.instrument,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.management,jdk.net,jdk.unsupported \
 && find /runtime -name '*.so' -exec strip --strip-unneeded {} +

# The libraries before the code: they change less often.
COPY .mvn .mvn
COPY pom.xml .
RUN mvn -B -q dependency:go-offline || true # as much as it finds; the build fetches the rest
COPY src/main src/main
RUN mvn -B -q -DskipTests package

# Debian without what installs packages, manages users, or translates between encodings: its place is taken by the cache
# of the next stage. dpkg's list stays true, so that scanners know what is in the image.
FROM debian:trixie-slim AS slim
# The directory is there so that a volume in its place belongs to the user. Of the date only /etc/shadow would keep a trace.
RUN SOURCE_DATE_EPOCH=946684800 useradd --uid 1000 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin code-interpreter \
 && install -d -o 1000 -g 1000 /var/lib/code-interpreter \
 && dpkg --purge --force-depends --force-remove-essential --force-remove-protected \
      apt libapt-pkg7.0 sqv debian-archive-keyring libhogweed6t64 libnettle8t64 \
      perl-base debconf libdb5.3t64 passwd login login.defs liblastlog2-2 libsqlite3-0 libsemanage2 libsepol2 util-linux mount \
 && rm -rf /usr/lib/*/gconv /var/lib/apt /var/cache/* /var/log/*
COPY --from=build /runtime /opt/java
COPY --from=build /openjdk-25-jre-headless /var/lib/dpkg/status.d/
COPY --from=build /build/target/libs /app/libs
COPY --from=build /build/target/code-interpreter.jar /build/src/main/jvm/service.options /app/
COPY images/service/entrypoint.sh LICENSE NOTICE /app/
COPY images/service/code-interpreter-api images/service/code-interpreter-health images/service/code-interpreter-key \
  images/service/code-interpreter-mcp /usr/local/bin/

# What the service loads and links at its start, for the next starts. It names the jars with their times: after a COPY of
# these it would not fit any more.
FROM slim AS recorded
COPY --from=build /build/src/main/jvm/record-start /tmp/
RUN /tmp/record-start /opt/java/bin/java /app/service.options /app/code-interpreter.jar /app/code-interpreter.aot

FROM scratch
COPY --from=slim / /
COPY --from=recorded /app/code-interpreter.aot /app/
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /app
USER 1000:1000
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["code-interpreter-health"]
ENTRYPOINT ["./entrypoint.sh"]
CMD ["code-interpreter-api"]
# dev/release gives the last three, and a scanner what it needs to know without starting it.
ARG VERSION=unreleased
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title=code-interpreter \
      org.opencontainers.image.description="Runs untrusted Python, each request in a fresh container of its own." \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.base.name=debian:trixie-slim \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED
