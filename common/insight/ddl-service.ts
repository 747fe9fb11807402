import type { DdlChange, DdlDifference, DdlObject, DdlQuery } from './ddl-view.ts'

/** A cluster, or one of its databases; all of them unless told. */
export interface DdlRange {
  readonly cluster: string
  readonly database?: string
}

/**
 * The history of schemas. Times are milliseconds since the epoch; what is undefined is of a cluster or database that nobody has
 * told of.
 */
export interface DdlService {
  list(query: DdlQuery): readonly DdlChange[]
  one(seq: number): DdlChange | undefined
  /**
   * What there was at an instant.
   * @param of.object a name with or without its schema; `*` stands for anything
   */
  state(
    of: DdlRange & { readonly atMs: number; readonly object?: string; readonly limit: number },
  ):
    | { readonly knownSinceMs: number; readonly objects: readonly DdlObject[]; readonly isCut: boolean }
    | undefined
  /** How two instants differ. */
  diff(
    of: DdlRange & { readonly fromMs: number; readonly toMs: number },
  ): { readonly knownSinceMs: number; readonly differences: readonly DdlDifference[] } | undefined
}
