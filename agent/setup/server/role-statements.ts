import { quoteIdentifier } from '../../postgres/quote-identifier.ts'
import { quoteLiteral } from '../../postgres/quote-literal.ts'
import type { ServerFacts } from './server-facts.ts'
import { database } from './open-as-owner.ts'

/** Twice what the agent takes at most, so that --self-test and --once fit beside it. */
const mostConnections = 8
/** Of what somebody else runs with this role; the agent's own statements have their own, shorter limits. */
const statementTimeout = '30s'

/**
 * What a role still lacks to measure, and no more: it may log in, see all statistics, and change nothing.
 * @param password how its password is written: a literal of SQL; undefined where it has the right one, or needs none
 * @returns nothing where all of it is there
 */
export function roleStatements(
  role: string,
  facts: Pick<ServerFacts, 'role' | 'mayConnect' | 'statements'>,
  password: string | undefined,
): readonly string[] {
  const name = quoteIdentifier(role)
  const isNew = facts.role === undefined
  return [
    ...(isNew
      ? [
          `CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT ${mostConnections}`,
          `COMMENT ON ROLE ${name} IS ${quoteLiteral('pgherd-agent: reads statistics and changes nothing')}`,
          `ALTER ROLE ${name} SET statement_timeout = ${quoteLiteral(statementTimeout)}`,
        ]
      : []),
    ...(facts.role?.mayLogIn === false ? [`ALTER ROLE ${name} LOGIN`] : []),
    ...(password === undefined ? [] : [`ALTER ROLE ${name} PASSWORD ${password}`]),
    ...(facts.role?.isMonitor === true ? [] : [`GRANT pg_monitor TO ${name}`]),
    ...(facts.mayConnect ? [] : [`GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${name}`]),
    ...(facts.statements === 'to-create'
      ? ['CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public']
      : []),
  ]
}

/** In one transaction, that leaves no password in the server's log and in pg_stat_statements, and waits for no standby. */
export function inTransaction(statements: readonly string[]): readonly string[] {
  return [
    'BEGIN',
    `SET LOCAL log_statement = 'none'`,
    `SET LOCAL log_min_duration_statement = -1`,
    `SET LOCAL log_min_error_statement = 'panic'`,
    // Where the library is not loaded it is a setting of nobody's.
    `SET LOCAL pg_stat_statements.track = 'none'`,
    `SET LOCAL synchronous_commit = local`,
    ...statements,
    'COMMIT',
  ]
}
