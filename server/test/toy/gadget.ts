/** A whole resource, to see how little that is: things that belong to products. It borrows the permissions of entitlements. */
import { access, always, each, lax, staff, strict } from '../../src/kernel/access/access.ts';
import { metadataColumn, scopedColumns, scopedKeys } from '../../src/kernel/database/columns.ts';
import { eq, pgTable, text, uuid } from '../../src/kernel/database/drizzle.ts';
import { type Row, records } from '../../src/kernel/database/records.ts';
import { body, metadata, string, toOne } from '../../src/kernel/http/params.ts';
import { document, linked } from '../../src/kernel/jsonapi/document.ts';
import { textFilter } from '../../src/kernel/jsonapi/filters.ts';
import { newRow, resource } from '../../src/kernel/jsonapi/resource.ts';
import { longer, metadataRule, rules, tooLong } from '../../src/kernel/jsonapi/rules.ts';

const gadgets = pgTable('gadgets', { ...scopedColumns(), productId: uuid().notNull(), name: text().notNull(), metadata: metadataColumn() }, (t) =>
  scopedKeys('gadgets', t),
);

const gadgetRecords = records(gadgets, { type: 'gadgets', noun: 'gadget', aliases: [gadgets.name] });
type Gadget = Row<typeof gadgetRecords>;

const gadgetBodies = {
  create: body('gadgets', { attributes: { name: string.required(), metadata }, relationships: { product: toOne('products').required() } }),
  update: body('gadgets', { id: 'ignored', attributes: { name: string, metadata } }),
};

const gadgetRules = rules<Gadget>(gadgetRecords, [['name', tooLong(20), 'TOO_LONG', ({ name }) => longer(name, 20)], metadataRule]);

const gadgetDocument = document<Gadget>(gadgetRecords, {
  attributes: { name: 'name', metadata: 'metadata' },
  relationships: { product: linked('products', ({ productId }) => productId) },
});

const own = each<Gadget>((bearer, gadget) => gadget.productId === bearer.id, 'product');
const gadgetAccess = access<Gadget, 'read' | 'write'>({
  visible: { staff: true, environment: true, product: ({ id }) => eq(gadgets.productId, id), user: false, license: false, anonymous: false },
  may: {
    read: lax('entitlement.read', { ...staff, ...always('environment'), ...own }),
    write: strict('entitlement.create', always('admin', 'developer', 'environment')),
  },
});

export default resource({ records: gadgetRecords, document: gadgetDocument, access: gadgetAccess, rules: gadgetRules }, (on) => {
  on.list({ can: 'read', filters: { name: textFilter(gadgets.name) } });
  on.show({ can: 'read' });
  on.create({
    can: 'write',
    body: gadgetBodies.create,
    emits: 'gadget.created',
    draft: ({ data }, context) => ({ metadata: {}, ...data.attributes, productId: data.relationships.product.data.id, ...newRow(context, {}) }),
  });
  on.update({ can: 'write', body: gadgetBodies.update, emits: 'gadget.updated', diff: true });
  on.remove({ can: 'write', emits: 'gadget.deleted' });
});
