export const demo = async () => 'done' as const
