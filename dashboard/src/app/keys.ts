import { NAV } from './nav.ts'

export type KeyGroup = [title: string, keys: [names: string[], meaning: string][]]

/** What the `?` dialog lists. A page that takes keys adds its group. */
export const KEY_GROUPS: readonly KeyGroup[] = [
  [
    'Everywhere',
    [
      [['?'], 'This list'],
      [['Ctrl K'], 'Go to a page, an id, a record key'],
      [['t'], 'Choose the time range'],
      [['u'], 'Times in UTC or local'],
      [['y'], 'Copy a link to what is shown'],
      [['Space'], 'Pause, go on'],
    ],
  ],
  ['Go to', NAV.flatMap(group => group.entries).map(entry => [['g', entry.key], entry.label])],
  [
    'Invocations',
    [
      [['j', 'k'], 'Next, previous row'],
      [['Enter'], 'Open it'],
      [['/'], 'Search'],
      [['n'], 'Show the new rows'],
    ],
  ],
  [
    'Traces, correlations, jobs, event modules',
    [
      [['j', 'k'], 'Next, previous row'],
      [['Enter'], 'Open it'],
      [['/'], 'Search'],
    ],
  ],
  [
    'Compare',
    [
      [['d'], 'Only what differs, or everything'],
      [['x'], 'Swap the sides'],
    ],
  ],
  [
    'Chain',
    [
      [['1', '2', '3', '4'], 'Flow, waterfall, table, rows'],
      [['←', '→'], 'To the cause, to the effect'],
      [['↑', '↓'], 'To the neighbours'],
      [['e', 'E'], 'Next, previous failure'],
      [['f'], 'Fit the flow into view'],
      [['Esc'], 'Close the panel'],
    ],
  ],
  [
    'Waterfall',
    [
      [['j', 'k'], 'Next, previous line'],
      [['→', '←'], 'Unfold or first child, fold or parent'],
      [['[', ']'], 'Fold all, unfold all'],
      [['o', 'O'], 'One level more, one less'],
      [['/', 'n', 'N'], 'Find; next, previous match'],
      [['m'], 'Matches only'],
      [['c'], 'Critical path'],
      [['i'], 'Fold idle time'],
      [['w', 's'], 'Look closer, look wider'],
      [['a', 'd'], 'Earlier, later'],
      [['0'], 'All the time'],
      [['Enter'], 'To the details'],
    ],
  ],
  [
    'Logs',
    [
      [['j', 'k'], 'Next, previous line'],
      [['Enter'], 'Open it'],
      [['/'], 'Search'],
      [['n'], 'Show the new lines'],
      [['Esc'], 'Close the line'],
    ],
  ],
  ['Analytics', [[['1', '2', '3', '4'], 'Trends, failures, bottlenecks, durations']]],
  [
    'Map',
    [
      [['←', '→'], 'To the busiest cause, effect'],
      [['↑', '↓'], 'To the neighbours'],
      [['Enter'], 'To its invocations'],
      [['/'], 'Search'],
      [['f'], 'Fit it into view'],
      [['Esc'], 'Close the panel'],
    ],
  ],
  [
    'Live',
    [
      [['j', 'k'], 'Next, previous event'],
      [['Enter'], 'Open it'],
      [['Space'], 'Pause, go on'],
      [['Esc'], 'Close the event'],
    ],
  ],
]
