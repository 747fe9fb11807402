import type { ActiveTable, ActiveTables } from '../../../../../agent/tuning/details/active-tables.ts'
import type { HorizonHolder } from '../../../../../agent/tuning/details/horizon-holders.ts'

/** A table with which all is well. */
export function tableOf(of: Partial<ActiveTable> = {}): ActiveTable {
  return {
    table: 'public.orders',
    liveRows: 1_000_000,
    deadRows: 0,
    insertedSinceVacuum: 0,
    modifiedSinceAnalyze: 0,
    inserted: 1_000_000,
    updatedOrDeleted: 1_000_000,
    readRank: 1,
    isAutovacuumed: true,
    deadRowsAllowed: 200_050,
    options: {},
    ...of,
  }
}

export function tablesOf(tables: readonly ActiveTable[], of: Partial<ActiveTables> = {}): ActiveTables {
  return { database: 'shop', tables: [...tables], due: 0, updatedOrDeleted: 1_000_000, ...of }
}

/** Somebody who has been there for a moment. */
export function holderOf(of: Partial<HorizonHolder> = {}): HorizonHolder {
  return {
    kind: 'session',
    who: 'session 4711 (app in shop, active, psql)',
    age: 10,
    seconds: 1,
    ofAllTables: true,
    ...of,
  }
}
