// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

/// The documentation page: Swagger UI on our own description, all from this server.
struct DocsEndpoints {
    var endpoints: [Endpoint] {
        [
            endpoint("/docs", "The documentation page.", .html, headers: Self.pageHeaders) { _ in DocsPage.html },
            endpoint("/docs/page.css", "Its own style.", .css) { _ in DocsPage.style },
            endpoint("/docs/page.js", "Its own script.", .javaScript) { _ in DocsPage.script },
            file(.style, .css),
            file(.script, .javaScript),
            file(.icon, .png),
        ]
    }

    /// As strict as Swagger UI allows.
    ///
    /// The page runs no script but the two files, and reaches no other host.
    private static let pageHeaders: HTTPFields = [
        .contentSecurityPolicy: """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """,
        // A page that another site opens cannot be reached by that site's scripts.
        .crossOriginOpenerPolicy: "same-origin",
    ]

    private static let notInstalled = DomainError(
        .notFound,
        "The documentation page is not installed on this server (scripts/assets); the description is at /openapi.json."
    )

    private func file(_ file: SwaggerUI.File, _ contentType: ContentType) -> Endpoint {
        endpoint("/docs/\(file.rawValue)", "A part of Swagger UI.", contentType) { swaggerUI throws(DomainError) in
            guard let bytes = swaggerUI.contents(of: file) else { throw Self.notInstalled }
            return bytes
        }
    }

    private func endpoint(
        _ path: String,
        _ summary: String,
        _ contentType: ContentType,
        headers: HTTPFields = [:],
        load: @escaping @Sendable (SwaggerUI) throws(DomainError) -> [UInt8]
    ) -> Endpoint {
        let content = StaticContent(contentType, headers: headers) { () throws(DomainError) in
            guard let swaggerUI = SwaggerUI.find() else { throw Self.notInstalled }
            return try load(swaggerUI)
        }
        let success = SuccessDescription(
            status: .ok,
            contentType: contentType,
            headers: [.eTag],
            heedsIfNoneMatch: true
        )
        return Endpoint(.get, path, summary, givesRaw: success, errors: [.notFound]) { call throws(DomainError) in
            try content.reply(to: call)
        }
    }
}
