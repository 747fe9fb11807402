export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** Tells how long pieces of work take. */
export interface Tracer {
  /** Does the work and gives what it gives, errors too. A span within the work of another is its child. */
  readonly span: <T>(name: string, attributes: SpanAttributes, work: () => Promise<T>) => Promise<T>
}

/** For when nobody listens: costs one call. */
export const noTracer: Tracer = { span: (_name, _attributes, work) => work() }
