import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
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
