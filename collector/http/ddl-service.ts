import type { DdlChange, DdlDifference, DdlObject, DdlQuery } from '../../common/insight/ddl-view.ts'

/** A cluster, or one of its databases; times are milliseconds since the epoch. */
export interface DdlRange {
  readonly cluster: string
  readonly database?: string
}

/** The history of schemas. What is undefined is of a cluster or database that nobody has told of. */
export interface DdlService {
  list(query: DdlQuery): readonly DdlChange[]
  one(seq: number): DdlChange | undefined
  state(
    of: DdlRange & { readonly atMs: number; readonly object?: string; readonly limit: number },
  ):
    | { readonly knownSinceMs: number; readonly objects: readonly DdlObject[]; readonly isCut: boolean }
    | undefined
  diff(
    of: DdlRange & { readonly fromMs: number; readonly toMs: number },
  ): { readonly knownSinceMs: number; readonly differences: readonly DdlDifference[] } | undefined
}
