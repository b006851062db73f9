// @ts-check
/** /docs: what /openapi.json says, shown by Swagger UI, whose own file defines its name. */

const { SwaggerUIBundle } = /** @type {any} */ (window);
SwaggerUIBundle({ url: "/openapi.json", domNode: document.getElementById("api"), deepLinking: true });
