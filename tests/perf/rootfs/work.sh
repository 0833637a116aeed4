# Runs each piece of work in turn, all of them as often as the argument says. The host takes the time
# between the two lines that each prints; the second carries a sum of all that it made.
# /bin/sh of the guest, as root; the database is on the disk, the rest in memory.
cd /run/perf || exit

work() {
  name=$1
  shift
  rm -f made.*
  echo "PERF-BEGIN $name $round"
  "$@" >made.output 2>&1
  code=$?
  echo "PERF-END $name $round $code $(cat made.* | sha256sum | cut -c1-16)"
}

# In bytes a second.
rate() {
  echo "PERF-RATE $1 $(openssl speed -elapsed -mr -seconds 3 -bytes 8192 -evp "$1" 2>/dev/null |
    sed -n 's/^+F:[^:]*:[^:]*://p')"
}

queries() {
  rm -f /var/tmp/perf.db
  sqlite3 /var/tmp/perf.db <queries.sql
}

stty -echo
echo
for round in $(seq "$1"); do
  work gcc-O0 gcc -w -O0 -c source.c -o made.o
  work gcc-O2 gcc -w -O2 -c source.c -o made.o
  work python python3 loops.py
  work sqlite queries
  rate aes-128-cbc
  rate sha256
done
rm -f /var/tmp/perf.db
sync
echo PERF-DONE
