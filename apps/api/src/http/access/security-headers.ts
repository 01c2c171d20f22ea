import helmet from 'helmet';

/**
 * Nothing of a page may come from elsewhere, nor go there. Styles alone may stand in the page itself: Mantine and Swagger
 * UI write style elements (ADR 21). Scripts may not.
 */
const CONTENT_SECURITY_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

export const securityHeaders = () =>
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: false, // for the proxy that speaks TLS to say
  });
