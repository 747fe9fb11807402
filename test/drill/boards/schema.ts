/** Something of everything that boards show and that a plain workload does not have. */
export const schema = `
  create table customer (id bigint primary key, note text);
  create table purchase (id serial primary key, customer bigint references customer, note text);
  insert into customer
    select i, (select string_agg(md5(random()::text), '') from generate_series(1, 200) where i > 0)
    from generate_series(1, 2000) as i;
  select sum(length(note)) from customer;
  insert into purchase (customer, note) select i, repeat('y', 500) from generate_series(1, 2000) as i;
  update purchase set note = 'z';
  create table measured (at int, value int) partition by range (at);
  create table measured_2020 partition of measured for values from (0) to (10);
  create table measured_rest partition of measured default;
  insert into measured select i, i from generate_series(1, 100) as i;
  create index unused on purchase (note);
  create index failed on purchase (customer, note);
  update pg_index set indisvalid = false where indexrelid = 'failed'::regclass;
  create publication everything for table customer;
  vacuum analyze`

/** What the agents' role may do beyond pg_monitor: all that --self-test asks for. */
export const grants = `
  create role pgherd login;
  grant pg_monitor, pg_read_all_data to pgherd;
  grant execute on function pg_show_all_file_settings() to pgherd;
  grant select on pg_file_settings to pgherd;
  create extension pg_stat_statements`
