#!/bin/sh
# Runs the given command in place of itself, so that signals reach it.
exec "$@"
