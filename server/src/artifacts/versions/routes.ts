/** Routes that show artifacts as version 1.0 knew them (spec/http.md 13.4, rows 18 and 19). */
export const showingArtifacts = ['artifacts.{list,show,create,update}', '{products,releases}.artifacts.{list,show}', 'short-urls.{account,release,artifact}'];
