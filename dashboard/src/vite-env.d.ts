interface ImportMetaEnv {
  readonly DEV: boolean
  readonly VITE_HASURA_ADMIN_SECRET?: string
  readonly REACT_APP_HASURA_ADMIN_SECRET?: string
}

interface ImportMeta {
  readonly env: ImportMetaEnv
}
