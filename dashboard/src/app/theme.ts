import { createTheme } from '@mantine/core'

/** The kit follows our tokens, not the other way round. */
export const theme = createTheme({
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '11px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  defaultRadius: 'md',
  primaryColor: 'gray',
  respectReducedMotion: true,
})
