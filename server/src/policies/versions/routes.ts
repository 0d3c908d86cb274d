/** Where policies take on the form of older versions (spec/http.md 13.4, 2). */
export const policyRoutes = ['policies.{list,show,create,update}', 'products.policies.{list,show}', 'licenses.policy.show'] as const;
