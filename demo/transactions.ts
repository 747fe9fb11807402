import type { Client } from 'pg'

export const accountCount = 20_000

/** About 5 MB with its indexes. */
const keptTransfers = 50_000

export const schema = `
  create table accounts (
    id bigint primary key,
    owner text not null,
    balance numeric(12, 2) not null,
    updated_at timestamptz not null default now()
  ) with (fillfactor = 80);

  create table transfers (
    id bigint generated always as identity primary key,
    debit bigint not null references accounts,
    credit bigint not null references accounts,
    amount numeric(12, 2) not null,
    made_at timestamptz not null default now()
  );
  create index on transfers (debit, made_at);

  create function fill_accounts(how_many int) returns void language sql as $$
    insert into accounts (id, owner, balance)
    select n, 'customer ' || md5(n::text), 1000
      from generate_series(1, how_many) as n
  $$`

type Random = () => number

const accountOf = (random: Random): number => 1 + Math.floor(random() * accountCount)

/** Accounts that many trade with: rows where sessions wait for each other. */
const popularOf = (random: Random): number => 1 + Math.floor(random() * 10)

async function transaction(client: Client, work: () => Promise<'commit' | 'rollback'>): Promise<void> {
  await client.query('begin')
  try {
    await client.query(await work())
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Moves money, mostly; one in ten looks only, one in fifty changes its mind. */
async function trade(client: Client, random: Random): Promise<void> {
  const debit = accountOf(random)
  if (random() < 0.1) {
    await client.query(
      `select balance, (select count(*) from transfers where debit = id) as transfers
         from accounts
        where id = $1`,
      [debit],
    )
    return
  }
  const wanted = random() < 0.2 ? popularOf(random) : accountOf(random)
  const credit = wanted === debit ? (debit % accountCount) + 1 : wanted
  const amount = (1 + random() * 99).toFixed(2)
  await transaction(client, async () => {
    // Always in the order of their ids, so that two sessions cannot wait for each other in a circle.
    for (const id of [debit, credit].sort((a, b) => a - b)) {
      await client.query('update accounts set balance = balance + $2, updated_at = now() where id = $1', [
        id,
        id === debit ? `-${amount}` : amount,
      ])
    }
    await client.query('insert into transfers (debit, credit, amount) values ($1, $2, $3)', [
      debit,
      credit,
      amount,
    ])
    return random() < 0.02 ? 'rollback' : 'commit'
  })
}

/** Deletes what the bounded history no longer keeps, a little at a time. */
async function tidy(client: Client): Promise<void> {
  await client.query(
    `delete from transfers
      where id in (select id
                     from transfers
                    where id < (select max(id) from transfers) - $1
                    order by id
                    limit 500)`,
    [keptTransfers],
  )
}

/** What a dashboard of the shop would ask the standby: a sort over everything, then the newest rows. */
async function report(client: Client, random: Random): Promise<void> {
  if (random() < 0.05) {
    await client.query(
      `select debit, sum(amount) as spent
         from transfers
        group by debit
        order by spent desc
        limit 10`,
    )
    return
  }
  await client.query(
    'select id, amount, made_at from transfers where debit = $1 order by made_at desc limit 20',
    [accountOf(random)],
  )
}

/** What one session does over and over. */
export const transactions = { trade, tidy, report } as const
