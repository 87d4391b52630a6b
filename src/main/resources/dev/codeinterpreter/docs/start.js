// A file of its own, because the page's Content-Security-Policy allows no script inside it.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  // Swagger UI would send the document's address to validator.swagger.io.
  validatorUrl: null,
});
