import { ListTree } from 'lucide-react'

/** The pages in the top bar. A page that does not exist yet is not in it. */
export const NAV = [{ to: '/invocations', label: 'Invocations', icon: ListTree }] as const
