/** Wide enough that two million sales and their customers are 0.7 GB, the same each time. */
const [customers, sales, products, salesPerDay] = [1_200_000, 2_000_000, 50_000, 2_740]

/** Makes the tables of the analytical load: who has bought what, and when. */
export const makeSales = `
SET work_mem = '64MB';
SELECT setseed(0.5);

CREATE TABLE customers (id int PRIMARY KEY, name text, city text, segment text, address text);
INSERT INTO customers
SELECT i,
       left(md5(i::text), 14) || ' and company',
       left(md5((i % 5000)::text), 9),
       (ARRAY['private', 'trade', 'public', 'export'])[1 + i % 4],
       repeat(md5((-i)::text), 4)
  FROM generate_series(1, ${customers}) AS i;

CREATE TABLE sales (
  id int PRIMARY KEY, customer int, product int, sold date, quantity int, price int, remark text
);
-- Some products sell far better than others.
INSERT INTO sales
SELECT i,
       1 + floor(random() * ${customers})::int,
       1 + floor(power(random(), 3) * ${products})::int,
       date '2024-01-01' + i / ${salesPerDay},
       1 + i % 9,
       100 + floor(random() * 9900)::int,
       repeat(md5(i::text), 5)
  FROM generate_series(1, ${sales}) AS i;
`

/** A first day, of which the sales of so many days are looked at. */
const days = (many: number): string => `\\set day random(0, 720 - ${many})\n`
const within = (many: number, table = 'sales'): string =>
  `${table}.sold BETWEEN date '2024-01-01' + :day AND date '2024-01-01' + :day + ${many}`

/** What is sold where: a hash of all customers, and one row for each city and segment. */
const byCity = `${days(500)}SELECT city, segment, count(*), sum(quantity * price), max(name), max(address), max(remark)
  FROM sales
  JOIN customers ON customers.id = sales.customer
 WHERE ${within(500)}
 GROUP BY city, segment
 ORDER BY 4 DESC
 LIMIT 20;
`

/** The best customers: a hash of all customers, and one row for each that has bought. */
const byCustomer = `${days(400)}SELECT name, city, count(*), sum(quantity * price) AS total, max(sold)
  FROM sales
  JOIN customers ON customers.id = sales.customer
 WHERE ${within(400)}
 GROUP BY name, city
 ORDER BY total DESC
 LIMIT 20;
`

/** Each sale beside what its customer had bought until then: a sort, and a window over it. */
const runningTotals = `${days(250)}SELECT count(*), max(so_far), max(remark)
  FROM (SELECT remark, sum(quantity * price) OVER (PARTITION BY customer ORDER BY sold, id) AS so_far
          FROM sales
         WHERE ${within(250)}) AS bought;
`

/** The usual price of each product: a sort of its sales. */
const medianPrices = `${days(250)}SELECT product, percentile_cont(0.5) WITHIN GROUP (ORDER BY price), max(remark)
  FROM sales
 WHERE ${within(250)}
 GROUP BY product
 ORDER BY 2 DESC
 LIMIT 20;
`

/** On how many days somebody came: a million rows without duplicates. */
const visits = `${days(400)}SELECT count(*)
  FROM (SELECT DISTINCT customer, sold, left(remark, 96)
          FROM sales
         WHERE ${within(400)}) AS visits;
`

/** Who bought the same again: a join of a million sales with two million. */
const boughtAgain = `${days(400)}SELECT count(*), max(later.sold - first.sold), max(first.remark), max(later.remark)
  FROM sales AS first
  JOIN sales AS later ON later.customer = first.customer AND later.product = first.product AND later.id > first.id
 WHERE ${within(400, 'first')};
`

export const salesScripts: readonly string[] = [
  byCity,
  byCustomer,
  runningTotals,
  medianPrices,
  visits,
  boughtAgain,
]
