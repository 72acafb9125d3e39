import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { RouterProvider } from '@tanstack/react-router'
import { useMemo } from 'react'
import { ApiProvider } from '../api/ApiProvider.tsx'
import { ConfigGate } from './ConfigGate.tsx'
import { LoginGate } from './LoginGate.tsx'
import { createAppRouter } from './router.tsx'
import { theme } from './theme.ts'

const colorSchemeManager = localStorageColorSchemeManager({ key: 'observability.theme' })

export function App() {
  const router = useMemo(createAppRouter, [])
  return (
    <MantineProvider theme={theme} colorSchemeManager={colorSchemeManager} defaultColorScheme="auto">
      <ConfigGate>
        {config => (
          <LoginGate>
            {session => (
              <ApiProvider config={config} session={session}>
                <RouterProvider router={router} />
              </ApiProvider>
            )}
          </LoginGate>
        )}
      </ConfigGate>
    </MantineProvider>
  )
}
