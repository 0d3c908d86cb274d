import { artifactAccess } from '../artifacts/artifact.access.ts';
import { artifactDocument } from '../artifacts/artifact.document.ts';
import { filtersOfRelease } from '../artifacts/artifact.filters.ts';
import { artifactRecords } from '../artifacts/artifact.records.ts';
import { artifacts } from '../artifacts/artifact.table.ts';
import { downloads } from '../artifacts/download.ts';
import { removeLinksOfRelease } from '../artifacts/remove-links.ts';
import { constraintAccess } from '../constraints/constraint.access.ts';
import { constraintDocument } from '../constraints/constraint.document.ts';
import { constraintRecords } from '../constraints/constraint.records.ts';
import { attachConstraints, entitlementsOf } from '../constraints/constraint.schema.ts';
import { constraints } from '../constraints/constraint.table.ts';
import { entitlementAccess } from '../entitlements/entitlement.access.ts';
import { entitlementDocument } from '../entitlements/entitlement.document.ts';
import { entitlementRecords } from '../entitlements/entitlement.records.ts';
import { entitlements } from '../entitlements/entitlement.table.ts';
import { eq, sql } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { attachable } from '../kernel/jsonapi/attach.ts';
import { type Routes, resource } from '../kernel/jsonapi/resource.ts';
import { lockOrRefuse, updateRow } from '../kernel/jsonapi/rows.ts';
import { packageDocument } from '../packages/package.document.ts';
import { packageRecords } from '../packages/package.records.ts';
import { productDocument } from '../products/product.document.ts';
import { productRecords } from '../products/product.records.ts';
import { releaseAccess as access, type JudgedRelease, type ReleaseAction } from './release.access.ts';
import { releaseDocument as document } from './release.document.ts';
import { draftRelease, storeRelease } from './release.draft.ts';
import { releaseFilters } from './release.filters.ts';
import { changePackage, packageSubject } from './release.package.ts';
import { type ReleaseRecord, releaseRecords as records } from './release.records.ts';
import { releaseRules } from './release.rules.ts';
import { createRelease, releasePackage, updateRelease } from './release.schema.ts';
import { upgrade } from './upgrade.run.ts';

const upgradeDocs = {
  product: 'Tells releases of the same name apart by product.',
  package: 'Tells releases of the same name apart by package.',
  channel: 'The channel to upgrade to, instead of that of the release.',
  constraint: 'What the version must be: `1`, `1.2`, `1.2.3`, and a prerelease or build of it.',
};

type On = Routes<JudgedRelease, ReleaseAction>;

/** What the query tells releases of one version or tag apart by. */
const find = { qualifiers: releaseFilters };

/** Any state leads to either, and each time it is told of (spec/distribution.md 5). */
const becomes =
  (columns: (now: Date) => Partial<ReleaseRecord>, event: string) =>
  (found: ReleaseRecord, context: Context): Promise<ReleaseRecord> =>
    context.change(async (change) => {
      const release = await lockOrRefuse(context, change, records, found);
      const changes = { ...columns(change.now), updatedAt: change.now };
      const next = { ...release, ...changes };
      await updateRow(change, records, release, changes);
      await change.emit(event, { document, access, row: next });
      return next;
    });

function relations(on: On): void {
  on.related('product', {
    can: 'show-product',
    of: { records: productRecords, document: productDocument },
    id: ({ productId }) => productId,
    whenUnset: 'not found',
  });
  on.related('package', {
    auth: 'optional',
    can: 'show-package',
    of: { records: packageRecords, document: packageDocument },
    id: ({ packageId }) => packageId,
    whenUnset: 'null',
  });
  on.below('package.update', '/package', {
    summary: 'Put a release into a package',
    methods: ['PATCH', 'PUT'],
    can: 'change-package',
    answers: packageRecords.type,
    document: packageDocument,
    body: releasePackage,
    bodyFirst: true,
    subject: packageSubject,
    async run(release, context, body) {
      const shown = await changePackage(release, context, body);
      return { status: 200, document: { data: shown && packageDocument.render(shown, { now: context.now, context: 'response' }) } };
    },
  });
}

/** Constraints, and the entitlements that they ask for (spec/distribution.md 10). */
function constrained(on: On): void {
  on.children('constraints', {
    can: 'show-constraints',
    of: { records: constraintRecords, document: constraintDocument, access: constraintAccess },
    children: ({ id }) => eq(constraints.releaseId, id),
  });
  on.children('entitlements', {
    can: 'show-entitlements',
    of: { records: entitlementRecords, document: entitlementDocument, access: entitlementAccess },
    children: ({ accountId, id }) =>
      sql`${entitlements.id} in (select ${constraints.entitlementId} from ${constraints} where ${constraints.accountId} = ${accountId} and ${constraints.releaseId} = ${id})`,
    child: { by: [] },
  });
  attachable(on, 'constraints', {
    can: { attach: 'attach-constraints', detach: 'detach-constraints' },
    items: entitlementRecords,
    joins: { records: constraintRecords, document: constraintDocument, parent: 'releaseId', item: 'entitlementId' },
    emits: 'release.constraints',
    attaches: { body: attachConstraints, ids: ({ data }: (typeof attachConstraints)['value']) => entitlementsOf(data) },
    detaches: 'joins',
    absent: (id) => `cannot detach constraint '${id}' (constraint is not attached)`,
  });
}

/** spec/distribution.md 3, 5, 6.4, 10, 11 */
export default resource({ records, document, access, rules: releaseRules }, (on: On) => {
  on.list({ can: 'list', auth: 'optional', filters: releaseFilters });
  on.show({ can: 'show', auth: 'optional', find });
  on.create({ can: 'create', body: createRelease, emits: 'release.created', draft: draftRelease, store: storeRelease });
  on.update({ can: 'update', body: updateRelease, emits: 'release.updated', diff: true, find });
  on.remove({
    can: 'delete',
    emits: 'release.deleted',
    find,
    before: ({ accountId, id }, change) => change.enqueue(removeLinksOfRelease, { accountId, releaseId: id }),
  });
  on.children('artifacts', {
    can: 'show-artifacts',
    auth: 'optional',
    of: { records: artifactRecords, document: artifactDocument, access: artifactAccess },
    filters: filtersOfRelease,
    children: ({ id }) => eq(artifacts.releaseId, id),
    child: { wholeAccount: false, qualifiers: filtersOfRelease },
    unless: artifactAccess.may.show.unless,
    showChild: downloads,
  });
  on.action('publish', { can: 'publish', summary: 'Publish a release', run: becomes(() => ({ status: 'PUBLISHED' }), 'release.published') });
  on.action('yank', { can: 'yank', summary: 'Yank a release', run: becomes((now) => ({ status: 'YANKED', yankedAt: now }), 'release.yanked') });
  relations(on);
  constrained(on);
  on.below('upgrade.show', '/upgrade', {
    summary: 'Show the release that a release is upgraded to',
    auth: 'optional',
    can: 'upgrade',
    find: { qualifiers: { product: releaseFilters.product, package: releaseFilters.package } },
    query: upgradeDocs,
    run: upgrade,
  });
});
