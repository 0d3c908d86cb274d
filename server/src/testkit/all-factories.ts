/** Every factory; app.ts's list of resources, for tests. */
import { accountFactory } from '../accounts/account.factory.ts';
import { archFactory } from '../arches/arch.factory.ts';
import { artifactFactory } from '../artifacts/artifact.factory.ts';
import { billingFactory, receiptFactory } from '../billings/billing.factory.ts';
import { channelFactory } from '../channels/channel.factory.ts';
import { componentFactory } from '../components/component.factory.ts';
import { constraintFactory } from '../constraints/constraint.factory.ts';
import { engineFactory } from '../engines/engine.factory.ts';
import { entitlementFactory, licenseEntitlementFactory, policyEntitlementFactory } from '../entitlements/entitlement.factory.ts';
import { environmentFactory } from '../environments/environment.factory.ts';
import { eventLogFactory } from '../event-logs/event-log.factory.ts';
import { filetypeFactory } from '../filetypes/filetype.factory.ts';
import { groupFactory, groupOwnerFactory } from '../groups/group.factory.ts';
import { keyFactory } from '../keys/key.factory.ts';
import { licenseFactory, licenseUserFactory } from '../licenses/license.factory.ts';
import { machineFactory } from '../machines/machine.factory.ts';
import { packageFactory } from '../packages/package.factory.ts';
import { planFactory } from '../plans/plan.factory.ts';
import { platformFactory } from '../platforms/platform.factory.ts';
import { policyFactory } from '../policies/policy.factory.ts';
import { processFactory } from '../processes/process.factory.ts';
import { productFactory } from '../products/product.factory.ts';
import { releaseFactory } from '../releases/release.factory.ts';
import { requestLogFactory } from '../request-logs/request-log.factory.ts';
import { settingFactory } from '../settings/setting.factory.ts';
import { tokenFactory } from '../tokens/token.factory.ts';
import { userFactory } from '../users/user.factory.ts';
import { webhookEndpointFactory } from '../webhook-endpoints/webhook-endpoint.factory.ts';
import { webhookEventFactory } from '../webhook-events/webhook-event.factory.ts';
import type { Factory } from './factory.ts';

export const factories: readonly Factory[] = [
  accountFactory,
  planFactory,
  billingFactory,
  receiptFactory,
  settingFactory,
  environmentFactory,
  userFactory,
  tokenFactory,
  productFactory,
  policyFactory,
  entitlementFactory,
  policyEntitlementFactory,
  licenseEntitlementFactory,
  groupFactory,
  groupOwnerFactory,
  keyFactory,
  licenseFactory,
  licenseUserFactory,
  machineFactory,
  componentFactory,
  processFactory,
  channelFactory,
  platformFactory,
  archFactory,
  filetypeFactory,
  engineFactory,
  packageFactory,
  releaseFactory,
  artifactFactory,
  constraintFactory,
  webhookEndpointFactory,
  webhookEventFactory,
  eventLogFactory,
  requestLogFactory,
];
