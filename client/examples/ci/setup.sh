# What the layer has that the image has not. Runs in the guest, as root.
set -eu
export DEBIAN_FRONTEND=noninteractive
# The agent is there before the network is.
tries=0
until apt-get update --error-on=any; do
  tries=$((tries + 1))
  [ $tries -lt 30 ] || exit 1
  sleep 2
done
apt-get install -y --no-install-recommends gcc git libc6-dev make
# Ahead of the first job: what is in the guest's page cache is in the snapshot.
echo 'int main(void) { return 0; }' >/tmp/warm.c
gcc -o /tmp/warm /tmp/warm.c && /tmp/warm
rm /tmp/warm /tmp/warm.c
