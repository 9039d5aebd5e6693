#!/bin/sh
# Run a command as a pod of the deployment would: the image's folder read-only at its place, nothing of the checkout or of
# this user's home, nothing to write to but /tmp, no capability, and an unprivileged user.
#
#     unshare --mount sh pod.sh IMAGE DATABASE_SOCKETS PYTHON_PREFIX CHECKOUT USER_ID command ...
set -eu
image=$1 sockets=$2 python=$3 checkout=$4 user=$5
shift 5
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /srv
mkdir /srv/hub /srv/database /srv/python
mount --bind "$image" /srv/hub
mount -o remount,bind,ro /srv/hub
mount --bind "$sockets" /srv/database
mount --bind "$python" /srv/python
mount -t tmpfs -o mode=755 tmpfs "$HOME"
if [ ! -d "$python" ]; then # it lay in the home
  mkdir -p "$python"
  mount --bind /srv/python "$python"
fi
mount -t tmpfs -o ro tmpfs "$checkout"
mount -t tmpfs -o ro tmpfs /dev/shm
mount -t tmpfs -o size=64m tmpfs /tmp
mount -o remount,bind,ro /srv
mount -o remount,bind,ro "$HOME"
mount -o remount,bind,ro /
unset HOME
cd /srv/hub
exec /usr/bin/setpriv --reuid "$user" --regid "$user" --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@"
