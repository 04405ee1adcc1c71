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
        <noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> has all that it shows.</noscript>
        <header><div><span>API reference</span><a href="openapi.json">openapi.json</a></div></header>
        <main id="swagger-ui"></main>
        </body>
        </html>

        """.utf8
    )

    static let style = Array(
        """
        :root { color-scheme: light dark; }
        body { margin: 0; background: #fff; }
        .dark-mode body { background: #1c2022; }
        body > header { padding: 0.9rem 0; background: #1b2a41; color: #fff; font: 600 1rem sans-serif; }
        body > header div {
          display: flex; justify-content: space-between; max-width: 1460px; margin: auto; padding: 0 20px;
        }
        body > header a { color: #9ec5fe; font-weight: 400; text-decoration: none; }
        body > header a:hover, body > header a:focus { text-decoration: underline; }
        .swagger-ui .info { margin: 2rem 0 1rem; }
        .swagger-ui .info .title small.version-stamp, .swagger-ui .info .link { display: none; }
        .swagger-ui .markdown code, .swagger-ui .renderedMarkdown code { color: inherit; font-weight: 400; }
        .swagger-ui .scheme-container { margin: 0; padding: 1rem 0; box-shadow: none; background: none; }
        .swagger-ui .scheme-container .servers-title, .swagger-ui .scheme-container .servers { display: none; }
        .swagger-ui .filter .operation-filter-input { margin: 0; border-width: 1px; }
        .swagger-ui .response-col_links { display: none; }

        """.utf8
    )

    static let script = Array(
        """
        "use strict";

        const dark = matchMedia("(prefers-color-scheme: dark)");
        const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
        dark.addEventListener("change", follow);
        follow();

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
