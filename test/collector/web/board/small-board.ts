/** A board in Grafana's schema with one panel of each kind, for what reads and draws boards. */
export const smallBoard = {
  uid: 'pgherd-small',
  title: 'pgherd: Small',
  tags: ['pgherd'],
  schemaVersion: 42,
  time: { from: 'now-15m', to: 'now' },
  refresh: '10s',
  templating: {
    list: [
      { type: 'datasource', name: 'datasource', query: 'prometheus' },
      {
        type: 'query',
        name: 'ins',
        label: 'Server',
        query: { query: 'label_values(pg_up{cls=~"$cls"}, ins)', refId: 'ins' },
        multi: true,
        includeAll: true,
        sort: 7,
      },
      {
        type: 'query',
        name: 'cls',
        label: 'Cluster',
        query: 'label_values(pg_up, cls)',
        multi: true,
        includeAll: true,
        allValue: '.+',
        current: { text: 'All', value: '$__all' },
      },
      { type: 'custom', name: 'top', label: 'Top', query: '5,10,20', current: { text: '5', value: '5' } },
      { type: 'textbox', name: 'like', label: 'Like', query: '' },
    ],
  },
  annotations: {
    list: [
      {
        name: 'Starts',
        enable: true,
        iconColor: '#56B4E9',
        expr: 'max by (ins) (pg_boot_time{cls=~"$cls"}) * 1000',
        useValueForTime: true,
        titleFormat: 'server started',
        textFormat: '{{ins}}',
        step: '60s',
      },
    ],
  },
  links: [{ title: 'Fleet', type: 'link', url: '/d/pgherd-fleet', keepTime: true, includeVars: true }],
  panels: [
    {
      id: 1,
      type: 'stat',
      title: 'Servers up',
      gridPos: { x: 0, y: 0, w: 6, h: 4 },
      targets: [{ refId: 'A', expr: 'sum(pg_up{cls=~"$cls",ins=~"$ins"})', legendFormat: 'up' }],
      fieldConfig: {
        defaults: {
          unit: 'none',
          noValue: 'none',
          color: { mode: 'thresholds' },
          thresholds: {
            mode: 'absolute',
            steps: [
              { value: null, color: 'red' },
              { value: 1, color: 'green' },
            ],
          },
        },
        overrides: [],
      },
      options: { graphMode: 'area' },
    },
    {
      id: 2,
      type: 'gauge',
      title: 'Connections used',
      gridPos: { x: 6, y: 0, w: 6, h: 4 },
      targets: [
        {
          refId: 'A',
          expr: 'max(sum by (ins) (pg_activity_count{ins=~"$ins"}) / 100)',
          instant: true,
          legendFormat: 'used',
        },
      ],
      fieldConfig: { defaults: { unit: 'percentunit', min: 0, max: 1 }, overrides: [] },
    },
    {
      id: 3,
      type: 'bargauge',
      title: 'Sizes',
      gridPos: { x: 12, y: 0, w: 12, h: 4 },
      targets: [
        {
          refId: 'A',
          expr: 'topk($top, max by (ins, datname) (pg_size_bytes{ins=~"$ins"}))',
          instant: true,
          legendFormat: '{{ins}} {{datname}}',
        },
      ],
      fieldConfig: { defaults: { unit: 'bytes' }, overrides: [] },
    },
    {
      id: 4,
      type: 'row',
      title: 'Load of $cls',
      collapsed: false,
      gridPos: { x: 0, y: 4, w: 24, h: 1 },
      panels: [],
    },
    {
      id: 5,
      type: 'timeseries',
      title: 'Commits',
      description: 'Committed transactions per second.',
      gridPos: { x: 0, y: 5, w: 12, h: 8 },
      targets: [
        {
          refId: 'A',
          expr: 'sum by (ins) (rate(pg_db_xact_commit{ins=~"$ins"}[$__rate_interval]))',
          legendFormat: '{{ins}}',
        },
      ],
      fieldConfig: {
        defaults: {
          unit: 'ops',
          noValue: 'A rate needs two measurements.',
          custom: { fillOpacity: 10, thresholdsStyle: { mode: 'dashed' } },
          thresholds: {
            mode: 'absolute',
            steps: [
              { value: null, color: 'green' },
              { value: 1, color: 'orange' },
            ],
          },
        },
        overrides: [],
      },
      options: { legend: { displayMode: 'table', calcs: ['lastNotNull', 'max'] } },
    },
    {
      id: 6,
      type: 'state-timeline',
      title: 'Up',
      gridPos: { x: 12, y: 5, w: 12, h: 8 },
      targets: [{ refId: 'A', expr: 'max by (ins) (pg_up{ins=~"$ins"})', legendFormat: '{{ins}}' }],
      fieldConfig: {
        defaults: {
          mappings: [
            {
              type: 'value',
              options: { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } },
            },
          ],
        },
        overrides: [],
      },
    },
    {
      id: 7,
      type: 'table',
      title: 'Servers',
      gridPos: { x: 0, y: 13, w: 16, h: 7 },
      targets: [
        { refId: 'A', expr: 'max by (cls, ins) (pg_up{ins=~"$ins"})', instant: true, format: 'table' },
        {
          refId: 'B',
          expr: 'sum by (cls, ins) (pg_activity_count{ins=~"$ins"})',
          instant: true,
          format: 'table',
        },
      ],
      transformations: [
        { id: 'merge', options: {} },
        {
          id: 'organize',
          options: {
            excludeByName: { Time: true },
            indexByName: { ins: 0, cls: 1, 'Value #A': 2, 'Value #B': 3 },
            renameByName: { ins: 'Server', cls: 'Cluster', 'Value #A': 'Up', 'Value #B': 'Sessions' },
          },
        },
      ],
      fieldConfig: {
        defaults: {},
        overrides: [
          {
            matcher: { id: 'byName', options: 'Server' },
            properties: [
              {
                id: 'links',
                value: [
                  {
                    title: 'Instance',
                    url: '/d/pgherd-instance?var-ins=${__value.raw}&${cls:queryparam}&${__url_time_range}',
                  },
                ],
              },
            ],
          },
          {
            matcher: { id: 'byName', options: 'Up' },
            properties: [
              {
                id: 'mappings',
                value: [{ type: 'value', options: { 1: { text: 'yes', color: 'green' } } }],
              },
            ],
          },
        ],
      },
    },
    {
      id: 8,
      type: 'text',
      title: '',
      gridPos: { x: 16, y: 13, w: 8, h: 7 },
      options: { mode: 'markdown', content: '## Hint\n\nSee **$cls** and <img src=x onerror=alert(1)>.' },
    },
    {
      id: 9,
      type: 'row',
      title: 'More',
      collapsed: true,
      gridPos: { x: 0, y: 20, w: 24, h: 1 },
      panels: [
        {
          id: 10,
          type: 'heatmap',
          title: 'Latency of the collector',
          gridPos: { x: 0, y: 21, w: 12, h: 8 },
          targets: [
            {
              refId: 'A',
              expr: 'sum by (le) (increase(pgherd_http_request_duration_seconds_bucket[$__rate_interval]))',
              format: 'heatmap',
              legendFormat: '{{le}}',
            },
          ],
          options: { yAxis: { unit: 's' } },
        },
        { id: 11, type: 'geomap', title: 'Map', gridPos: { x: 12, y: 21, w: 12, h: 8 } },
      ],
    },
  ],
}
