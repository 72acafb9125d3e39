/** The id of the event of a Hasura delivery: the plugin, and whoever else sends it, make the same one. */
export const hasuraEventId = (deliveryId: string): string => `hasura:${deliveryId.toLowerCase()}`
