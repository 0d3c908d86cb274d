import { resource } from '../kernel/jsonapi/resource.ts';
import { onMachineFilters } from '../machines/machine.filters.ts';
import { draftOnMachine, relatedThroughMachine } from '../machines/on-machine.ts';
import { componentAccess as access } from './component.access.ts';
import { componentDocument as document } from './component.document.ts';
import { componentRecords as records } from './component.records.ts';
import { componentRules as rules } from './component.rules.ts';
import { createComponent, updateComponent } from './component.schema.ts';

/** spec/machines.md 9 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list', filters: onMachineFilters });
  on.show({ can: 'show' });
  on.create({
    can: 'create',
    body: createComponent,
    emits: 'component.created',
    draft: async (input, context) => ({ ...(await draftOnMachine(input, context)), ...input.data.attributes }),
  });
  on.update({ can: 'update', body: updateComponent, emits: 'component.updated' });
  on.remove({ can: 'delete', emits: 'component.deleted' });
  relatedThroughMachine(on);
});
