// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What of the documentation page is ours.
///
/// The addresses in it are relative, so that it also works below a path that a proxy puts it under.
enum DocsPage {
    static let html = Array(
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Postern API</title>
        <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
        <link rel="stylesheet" href="docs/swagger-ui.css">
        <link rel="stylesheet" href="docs/page.css">
        <script src="docs/swagger-ui-bundle.js" defer></script>
        <script src="docs/page.js" defer></script>
        </head>
        <body>
        <noscript><p>This page needs JavaScript. The description itself is at <a href="openapi.json">openapi.json</a>.</p></noscript>
        <div id="swagger-ui"></div>
        </body>
        </html>

        """.utf8
    )

    static let style = Array(
        """
        body { margin: 0; background: #fafafa; }
        .swagger-ui .info { margin: 2rem 0; }

        """.utf8
    )

    static let script = Array(
        """
        "use strict";

        SwaggerUIBundle({
          url: "openapi.json",
          dom_id: "#swagger-ui",
          deepLinking: true,
          displayRequestDuration: true,
          filter: true,
          defaultModelsExpandDepth: 0,
          // A credential lives as long as the page.
          persistAuthorization: false,
          // Nothing leaves this host, and no address parameter changes what the page shows.
          validatorUrl: null,
          queryConfigEnabled: false,
        });

        """.utf8
    )
}
