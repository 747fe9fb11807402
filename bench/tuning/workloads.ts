/** What pgbench runs. Sorts and hashes of the analytical one take some 25 to 50 MB each. */
export interface Workload {
  readonly name: string
  readonly profile: 'oltp' | 'olap'
  readonly clients: number
  /** Of pgbench itself where undefined. */
  readonly scripts: readonly string[]
}

const range = '\\set low random(1, 9 * 1000000 * :scale / 100)\n\\set high :low + 300000\n'

const sortByText = `${range}SELECT count(*), max(place)
  FROM (SELECT row_number() OVER (PARTITION BY bid ORDER BY filler, abalance, aid DESC) AS place
          FROM pgbench_accounts
         WHERE aid BETWEEN :low AND :high) AS sorted;
`
const groupByNumber = `${range}SELECT count(*), max(total)
  FROM (SELECT aid % 200000 AS part, sum(abalance) AS total, min(filler) AS least
          FROM pgbench_accounts
         WHERE aid BETWEEN :low AND :high
         GROUP BY 1) AS grouped;
`
const joinWithItself = `${range}SELECT count(*)
  FROM pgbench_accounts AS one
  JOIN pgbench_accounts AS other ON other.aid = one.aid + 1 AND other.filler = one.filler
 WHERE one.aid BETWEEN :low AND :high
   AND other.aid BETWEEN :low AND :high;
`

export const workloads: readonly Workload[] = [
  { name: "pgbench's own (TPC-B-like)", profile: 'oltp', clients: 16, scripts: [] },
  {
    name: 'sorts, hashes and joins of 300,000 rows',
    profile: 'olap',
    clients: 4,
    scripts: [sortByText, groupByNumber, joinWithItself],
  },
]
