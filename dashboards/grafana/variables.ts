import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import { detail } from '../kit/long-ranges.ts'
import type { Variable } from '../kit/variables.ts'
import { datasource } from './datasource.ts'

/** The choice of the data source, then those of the board; all are chosen at first where several can be. */
export function grafanaVariables(variables: readonly Variable[]): Builder<VariableModel>[] {
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    ...variables.map(({ name, label, description, selector, multi, of }) => {
      const query = `label_values(${selector}, ${of ?? name})`
      const builder = new QueryVariableBuilder(name)
        .label(label)
        .description(description)
        .datasource(datasource)
        .query({ query, refId: name })
        .definition(query)
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .sort(VariableSort.NaturalAsc)
        .multi(multi)
        .includeAll(multi)
      // Without it all values would stand in each query.
      if (multi) builder.allValue('.+').current({ selected: true, text: 'All', value: '$__all' })
      return builder
    }),
  ]
}

/** The hidden one that tells long ranges from short ones; addresses leave it out, for it follows from their time. */
export function detailVariable(): Builder<VariableModel> {
  const builder = new QueryVariableBuilder(detail.name)
    .label('Detail')
    .description('Whether every sample is asked, or recorded series are')
    .datasource(datasource)
    .query({ query: detail.query, refId: detail.name })
    .definition(detail.query)
    .regex(detail.regex)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.Disabled)
    .multi(false)
    .includeAll(false)
    .hide(VariableHide.HideVariable)
  return { build: () => ({ ...builder.build(), skipUrlSync: true }) }
}
