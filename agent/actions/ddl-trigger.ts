/** Where the event trigger writes down what changes; nothing else is in this schema. */
export const ddlSchema = 'pgherd_ddl'

/** Whether and how it is installed: one row, with nulls where it is not. */
export const ddlTriggerState = `
select (select oid from pg_namespace where nspname = '${ddlSchema}'),
       (select string_agg(evtname || case evtenabled when 'A' then ' (always)' when 'D' then ' (disabled)' else '' end, ', ' order by evtname)
          from pg_event_trigger where evtname like 'pgherd\\_ddl\\_%'),
       (select rolsuper from pg_roles where rolname = current_user)`

/**
 * One statement that makes the table, the function and both triggers, or none of them. The function catches every error of its own, so
 * that no change fails because of it; it writes one row for each object, without temporary ones and those of extensions, and of the
 * statement only what stands before its first literal, so that no password comes into a table.
 * @param always fire in sessions that replay replication as well, and those with session_replication_role = replica
 */
export function installDdlTrigger(always: boolean): string {
  const enable = always
    ? `
  alter event trigger pgherd_ddl_end enable always;
  alter event trigger pgherd_ddl_drop enable always;`
    : ''
  return `do $pgherd$
begin
  create schema ${ddlSchema};
  revoke all on schema ${ddlSchema} from public;
  create table ${ddlSchema}.log (
    id          bigint generated always as identity primary key,
    at          timestamptz not null,
    xid         xid not null,
    pid         integer not null,
    actor       text not null,
    application text,
    client      inet,
    command     text not null,
    kind        text,
    object      oid not null,
    identity    text,
    statement   text);
  revoke all on ${ddlSchema}.log from public;
  grant usage on schema ${ddlSchema} to pg_monitor;
  grant select on ${ddlSchema}.log to pg_monitor;
  create function ${ddlSchema}.note() returns event_trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $note$
  declare
    asked text := left(split_part(split_part(split_part(current_query(), '''', 1), '$', 1), '--', 1), 2000);
    newest bigint;
  begin
    if tg_event = 'sql_drop' then
      insert into ${ddlSchema}.log (at, xid, pid, actor, application, client, command, kind, object, identity, statement)
      select clock_timestamp(), pg_current_xact_id()::xid, pg_backend_pid(), session_user, current_setting('application_name'),
             inet_client_addr(), tg_tag, o.object_type, coalesce(o.objid, 0), o.object_identity, asked
        from pg_event_trigger_dropped_objects() o
       where (o.original or o.normal) and not o.is_temporary
         -- Its script drops what older scripts of it have made.
         and asked !~* '^\\s*(create|alter)\\s+extension\\M' and coalesce(o.schema_name, '') <> '${ddlSchema}'
       limit 500;
    else
      insert into ${ddlSchema}.log (at, xid, pid, actor, application, client, command, kind, object, identity, statement)
      select clock_timestamp(), pg_current_xact_id()::xid, pg_backend_pid(), session_user, current_setting('application_name'),
             inet_client_addr(), o.command_tag, o.object_type, coalesce(o.objid, 0), o.object_identity, asked
        from pg_event_trigger_ddl_commands() o
       where not o.in_extension and coalesce(o.schema_name, '') !~ '^pg_(toast_)?temp' and coalesce(o.schema_name, '') <> '${ddlSchema}'
       limit 500;
    end if;
    select max(id) into newest from ${ddlSchema}.log;
    if newest % 100 = 0 then
      delete from ${ddlSchema}.log where id <= newest - 10000;
    end if;
  exception when others then
    null;
  end
  $note$;
  revoke all on function ${ddlSchema}.note() from public;
  create event trigger pgherd_ddl_end on ddl_command_end execute function ${ddlSchema}.note();
  create event trigger pgherd_ddl_drop on sql_drop execute function ${ddlSchema}.note();${enable}
end
$pgherd$`
}

/** One statement, too; what somebody else has put into the schema keeps it. */
export const removeDdlTrigger = `do $pgherd$
begin
  drop event trigger if exists pgherd_ddl_end;
  drop event trigger if exists pgherd_ddl_drop;
  drop function if exists ${ddlSchema}.note();
  drop table if exists ${ddlSchema}.log;
  drop schema if exists ${ddlSchema};
end
$pgherd$`
