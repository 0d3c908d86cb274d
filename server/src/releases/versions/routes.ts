/** Routes that show releases as version 1.0 knew them (spec/http.md 13.4, rows 14 to 16). */
export const showingReleases = ['releases.{list,show,create,update}', 'products.releases.{list,show}'];
