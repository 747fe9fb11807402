import { RE2JS } from 're2js'
import { messageOf } from '../../../common/errors.ts'
import { parsePrometheusDuration } from '../../../common/series/prometheus-duration.ts'
import type { VectorSample } from '../rule-types.ts'
import { numberArgument, textArgument } from './arguments.ts'
import { escapeQuery } from './core-functions.ts'
import type { TemplateFunction } from './evaluate.ts'
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from './humanize.ts'
import { labelMap, sampleRecord } from './template-data.ts'
import { templateError } from './template-error.ts'
import { isList, isRecord, printValue } from './values.ts'
import type { TemplateRecord, TemplateValue } from './values.ts'

/** What functions reach outside of the template. */
export interface TemplateContext {
  /** Evaluated at the time of the rule. */
  query(expression: string): Promise<readonly VectorSample[]>
  readonly nowMs: number
  readonly externalUrl: string
}

/** The functions that Prometheus adds for alerts (its documentation: template reference). */
export function alertFunctions(context: TemplateContext): Readonly<Record<string, TemplateFunction>> {
  return {
    query: async (expression) => (await context.query(textArgument(expression))).map(sampleRecord),
    first: (samples) => {
      const first = isList(samples) ? samples[0] : undefined
      if (first === undefined) throw templateError('first() called on vector with no elements')
      return first
    },
    label: (name, sample) => labelMap(recordArgument(sample)).get(textArgument(name)) ?? '',
    value: (sample) => recordArgument(sample).fields.get('Value'),
    strvalue: (sample) => labelMap(recordArgument(sample)).get('__value__') ?? '',
    sortByLabel: (name, samples) => sortByLabel(textArgument(name), samples),
    humanize: (value) => humanize(numberArgument(value)),
    humanize1024: (value) => humanize1024(numberArgument(value)),
    humanizeDuration: (value) => humanizeDuration(numberArgument(value)),
    humanizePercentage: (value) => humanizePercentage(numberArgument(value)),
    humanizeTimestamp: (value) => humanizeTimestamp(numberArgument(value)),
    title: (text) =>
      textArgument(text).replace(
        /(^|[^\p{L}\p{N}_])(\p{L})/gu,
        (_all, before: string, letter: string) => before + letter.toUpperCase(),
      ),
    toUpper: (text) => textArgument(text).toUpperCase(),
    toLower: (text) => textArgument(text).toLowerCase(),
    stripPort: (text) => hostOf(textArgument(text)),
    stripDomain: (text) => withoutDomain(textArgument(text)),
    match: (pattern, text) => compile(textArgument(pattern)).matcher(textArgument(text)).find(),
    reReplaceAll: (pattern, replacement, text) =>
      compile(textArgument(pattern)).matcher(textArgument(text)).replaceAll(textArgument(replacement)),
    parseDuration: (text) => secondsOf(textArgument(text)),
    now: () => context.nowMs / 1000,
    urlQueryEscape: (text) => escapeQuery(textArgument(text)),
    safeHtml: (text) => textArgument(text),
    externalURL: () => context.externalUrl,
    pathPrefix: () =>
      URL.canParse(context.externalUrl) ? new URL(context.externalUrl).pathname.replace(/\/$/, '') : '',
    graphLink: (expression) => `/?expr=${escapeQuery(textArgument(expression))}`,
    tableLink: (expression) => `/?expr=${escapeQuery(textArgument(expression))}`,
    args: (...values) => new Map(values.map((value, i) => [`arg${i}`, value])),
  }
}

function recordArgument(value: TemplateValue): TemplateRecord {
  if (isRecord(value)) return value
  throw templateError(`expected a sample; found ${printValue(value)}`)
}

function sortByLabel(name: string, samples: TemplateValue): TemplateValue {
  if (!isList(samples)) throw templateError(`expected a list of samples; found ${printValue(samples)}`)
  const key = (sample: TemplateValue): string => printValue(labelMap(recordArgument(sample)).get(name) ?? '')
  return [...samples].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    throw templateError(`invalid regular expression: ${messageOf(error)}`)
  }
}

function hostOf(text: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):[^:]*$/.exec(text)
  return match === null ? text : (match[1] ?? match[2] ?? text)
}

/** `db1.example.org:9100` is `db1:9100`; an address stays. */
function withoutDomain(text: string): string {
  const [, host = text, port = ''] = /^([^:]*)(:\d+)?$/.exec(text) ?? []
  return /^\d+(\.\d+){3}$/.test(host) || host.includes(']') ? text : (host.split('.')[0] ?? host) + port
}

function secondsOf(text: string): number {
  const negative = text.startsWith('-')
  const durationMs = parsePrometheusDuration(negative ? text.slice(1) : text)
  if (durationMs === undefined)
    throw templateError(`not a valid duration: ${JSON.stringify(text.slice(0, 64))}`)
  return (negative ? -durationMs : durationMs) / 1000
}
