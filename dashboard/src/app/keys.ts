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
    'Chain',
    [
      [['←', '→'], 'To the cause, to the effect'],
      [['↑', '↓'], 'To the neighbours'],
      [['e', 'E'], 'Next, previous failure'],
      [['f'], 'Fit everything into view'],
      [['l'], 'Flow or list'],
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
