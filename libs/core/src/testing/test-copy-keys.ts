import { SigningKeys } from '@app/security';
import { testSecretKey } from '../../../artifact/src/testing/test-signer.js';
import { CATALOG_COPY_PURPOSE } from '../catalog-export/catalog-copy-file.js';

/** The keys of the installation under test for copies of the catalog. */
export const testCopyKeys = new SigningKeys(testSecretKey, CATALOG_COPY_PURPOSE);
