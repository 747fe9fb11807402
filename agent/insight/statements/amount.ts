/** What is counted of statements: by these places in an array. */
export const amount = {
  calls: 0,
  rows: 1,
  time: 2,
  squares: 3,
  plan: 4,
  io: 5,
  wal: 6,
  images: 7,
  hit: 8,
  read: 9,
  dirtied: 10,
  written: 11,
  temp: 12,
  nestedCalls: 13,
  nestedTime: 14,
} as const
export const amountCount = 15
