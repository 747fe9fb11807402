import { expect, test } from 'vitest'
import { compileTemplate } from '../../../../collector/rules/template/template.ts'
import type { TemplateContext } from '../../../../collector/rules/template/alert-functions.ts'
import { labelSet } from '../../../../common/series/label-set.ts'

const context: TemplateContext = {
  query: (expression) =>
    Promise.resolve(
      expression === 'none'
        ? []
        : [
            { labels: labelSet({ __name__: 'up', ins: 'b' }), value: 2 },
            { labels: labelSet({ __name__: 'up', ins: 'a' }), value: 1.5 },
          ],
    ),
  nowMs: 1_600_000_000_500,
  externalUrl: 'http://pgherd.example:8432/base',
}

function expand(source: string, value = 0.95, labels: Record<string, string> = {}): Promise<string> {
  return compileTemplate(source).expand(
    {
      labels: labelSet({ ins: 'pg-main-1', cls: 'pg-main', instance: 'db1.example.org:5432', ...labels }),
      value,
      externalLabels: { site: 'one' },
      externalUrl: context.externalUrl,
    },
    context,
  )
}

// What text/template and Prometheus print for the same template.
test.each([
  ['plain text', 'plain text'],
  ['{{ $labels.ins }} is {{ $value }}', 'pg-main-1 is 0.95'],
  ['{{ .Labels.cls }}/{{ .Value }}', 'pg-main/0.95'],
  ['{{ $labels.missing }}|', '|'],
  ['{{ $externalLabels.site }} {{ .ExternalURL }}', 'one http://pgherd.example:8432/base'],
  ['a {{- " b " -}} c', 'a b c'],
  ['a{{/* nothing */}}b', 'ab'],
  ['a {{- /* trims */ -}} b', 'ab'],
  ['{{ "a\\tb\\"" }}{{ `raw\\n` }}', 'a\tb"raw\\n'],
  ['{{ if gt $value 0.9 }}high{{ else }}low{{ end }}', 'high'],
  ['{{ if gt $value 0.99 }}a{{ else if gt $value 0.9 }}b{{ else }}c{{ end }}', 'b'],
  ['{{ if and $labels.ins (eq $labels.cls "x" "pg-main") }}yes{{ end }}', 'yes'],
  ['{{ if not $labels.missing }}absent{{ end }}', 'absent'],
  ['{{ with $labels.missing }}{{ . }}{{ else }}none{{ end }}', 'none'],
  ['{{ with $x := $labels.ins }}{{ $x }}={{ . }}{{ end }}', 'pg-main-1=pg-main-1'],
  [
    '{{ range $name, $v := $labels }}{{ $name }}={{ $v }};{{ end }}',
    'cls=pg-main;ins=pg-main-1;instance=db1.example.org:5432;',
  ],
  ['{{ range $i, $s := query "up" }}{{ $i }}:{{ $s.Labels.ins }}={{ $s.Value }} {{ end }}', '0:b=2 1:a=1.5 '],
  ['{{ range query "none" }}x{{ else }}empty{{ end }}', 'empty'],
  ['{{ range query "up" | sortByLabel "ins" }}{{ .Labels.ins }}{{ end }}', 'ab'],
  ['{{ query "up" | first | value }}', '2'],
  ['{{ query "up" | first | label "ins" }}', 'b'],
  ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}', '2'],
  ['{{ (index (query "up") 1).Value }}', '1.5'],
  ['{{ len (query "up") }} {{ len "äb" }}', '2 3'],
  ['{{ index $labels "ins" }}', 'pg-main-1'],
  ['{{ $value | humanizePercentage }}', '95%'],
  [
    '{{ printf "%.1f %5s|%-5s|%05.1f %d %q %v %%" $value "a" "b" 3.14159 42 "q" true }}',
    '0.9     a|b    |003.1 42 "q" true %',
  ],
  ['{{ printf "%d" $value }}', '%!d(float64=0.95)'],
  ['{{ printf "%s %s" "a" }}', 'a %!s(MISSING)'],
  ['{{ title "down on db" }} {{ toUpper "a" }}{{ toLower "B" }}', 'Down On Db Ab'],
  ['{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }}', 'db1.example.org db1:5432'],
  ['{{ match "^pg-.*" $labels.ins }} {{ reReplaceAll "pg-(.*)-1" "$1" $labels.ins }}', 'true main'],
  ['{{ parseDuration "1m30s" }} {{ now }}', '90 1.6000000005e+09'],
  ['{{ urlQueryEscape "a b&c" }} {{ pathPrefix }}', 'a+b%26c /base'],
  ['{{ "3600" | humanizeDuration }}', '1h 0m 0s'],
  ['{{ print 1 "a" }} {{ println "b" }}', '1a b\n'],
  ['{{ eq 1 1 }} {{ ne "a" "b" }} {{ lt 1 2 }} {{ le 2 2 }} {{ ge 1.5 2.5 }}', 'true true true true false'],
  ['{{ or $labels.missing "fallback" }} {{ and 0 1 }}', 'fallback 0'],
])('%s becomes %j', async (source, text) => {
  expect(await expand(source)).toBe(text)
})

test.each([
  ['{{ $value', 'line 1'],
  ['a\nb {{ if }}x{{ end }}', 'template line 2: a command is missing'],
  ['{{ if true }}x', '{{end}} is missing'],
  ['{{ end }}', 'unexpected {{end}}'],
  ['{{ nosuch 1 }}', 'function "nosuch" not defined'],
  ['{{ $nosuch }}', 'undefined variable "$nosuch"'],
  ['{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}', 'undefined variable "$x"'],
  ['{{ define "x" }}{{ end }}', '{{define}} is not supported'],
  ['{{ "a\\z" }}', 'unknown escape \\z'],
  ['{{ 1 2 }}', 'no function'],
  ['{{ (print 1 }}', 'parenthesis is not closed'],
])('%j does not compile', (source, problem) => {
  expect(() => compileTemplate(source)).toThrow(expect.objectContaining({ code: 'RULE_INVALID' }) as Error)
  expect(() => compileTemplate(source)).toThrow(problem)
})

test.each([
  ['{{ .Nothing }}', "can't evaluate field Nothing in type struct"],
  ['{{ query "none" | first }}', 'first() called on vector with no elements'],
  ['{{ humanize "much" }}', 'cannot convert "much" to a number'],
  ['{{ eq 1 1.0 }}', 'incompatible types for comparison: int and float64'],
  ['{{ reReplaceAll "(" "" "x" }}', 'invalid regular expression'],
  ['{{ index (query "up") 7 }}', 'index out of range: 7'],
  ['{{ toUpper 1 }}', 'expected string; got int'],
])('%s fails when it runs', async (source, problem) => {
  await expect(expand(source)).rejects.toThrow(problem)
})

test('nesting is bounded', () => {
  expect(() => compileTemplate(`{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`)).toThrow('nested deeper')
})

test('a round in which nothing is done counts as well', async () => {
  const idle = `${'{{ range query "up" }}'.repeat(16)}${'{{ end }}'.repeat(16)}`
  await expect(expand(idle)).rejects.toThrow('it takes more than 100000 steps')
})

test('loops in loops end, and others have their turns meanwhile', async () => {
  let turns = 0
  const turn = (): void => {
    turns++
    timer = setImmediate(turn)
  }
  let timer = setImmediate(turn)
  const endless = `${'{{ range query "up" }}'.repeat(40)}x${'{{ end }}'.repeat(40)}`
  await expect(expand(endless)).rejects.toThrow('it takes more than 100000 steps')
  clearImmediate(timer)
  expect(turns).toBeGreaterThan(10)
})

test('a text that grows with each round is bounded', async () => {
  const doubling = '{{ $a = print $a $a }}'.repeat(30)
  await expect(expand(`{{ $a := "x" }}${doubling}`)).rejects.toThrow(
    'print gives more than 1048576 characters',
  )
})
