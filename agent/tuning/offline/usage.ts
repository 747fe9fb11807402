export const usage = `Usage: pgherd-agent tune --offline --pg <major> --cpu <number> --memory <size> [options]
       pgherd-agent tune --for-new-cluster --pg <major> [--data-directory <path>] [options]

Says how PostgreSQL should be configured, before there is a server that could be asked. Nothing is changed, and no server is needed. It is
a baseline: what follows from the machine and from what the server is for. What follows from its load only measurements can tell.

  --offline                  for a machine that the options describe
  --for-new-cluster          for this machine: its memory and processors (less where a cgroup allows less, of this command and not of a
                             service), the file system and the disk of --data-directory. Options win over what is found.

  --pg <major>               14, 15, 16, 17 or 18. Always needed: what one version knows keeps another one from starting
  --cpu <number>             processors that PostgreSQL may use
  --memory <size>            memory that PostgreSQL may use; leave out what other programs on the machine need
  --profile <name>           what the server is for (default mixed):
                               oltp   many short transactions: a shop, an application
                               olap   few large queries: a warehouse, reports
                               crit   as oltp, where a quick recovery and even latency come first
                               tiny   beside other things, as on a laptop
                               mixed  both, or nobody knows
  --connections <number>     max_connections; without it, it is chosen by profile and processors
  --disk <class>             hdd, ssd (local), nvme (local), san (any disk behind a network, as in most clouds) or unknown (default)
  --disk-size <size>         of the file system with the data: max_wal_size takes no more than a tenth of it
  --wal-disk-size <size>     of the one with pg_wal, where it has its own: max_wal_size takes no more than half of it
  --data-size <size>         of all databases together: what fits into the cache is planned for otherwise
  --data-directory <path>    where the new cluster is or will be; with --for-new-cluster (default: the current directory)
  --lz4                      the server is built with LZ4, as most packages are; WAL is then compressed
  --format <name>            table (default with --offline), long (with risk and effect of each), conf (default with --for-new-cluster),
                             alter-system, patroni, ansible or json

Sizes are as PostgreSQL has them: 512MB, 64GB, 2TB, where 1GB is 1024MB.

  pgherd-agent tune --offline --pg 17 --cpu 16 --memory 64GB --disk ssd --connections 300 --profile oltp
  pgherd-agent tune --offline --pg 16 --cpu 4 --memory 16GB --disk nvme --disk-size 200GB --format patroni > patch.yaml
  pgherd-agent tune --for-new-cluster --pg 17 --data-directory /var/lib/postgresql/17/main > /etc/postgresql/17/main/conf.d/50-pgherd.conf

In the memory budget everything comes together that can: every connection in use, every worker busy. Where it does not hold, work_mem is made
smaller first; where even the smallest sizes do not fit, nothing but the table is printed, and the exit status is 3.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 the memory does not hold it.`
