"""Groups of widespread Maven artifacts that were not built by Maven, so that nothing in their archives names the group."""

from __future__ import annotations

_ARTIFACTS = {
    "org.springframework": "spring-aop spring-aspects spring-beans spring-context spring-context-support spring-core"
    " spring-expression spring-instrument spring-jcl spring-jdbc spring-jms spring-messaging spring-orm spring-oxm"
    " spring-r2dbc spring-test spring-tx spring-web spring-webflux spring-webmvc spring-websocket",
    "org.springframework.boot": "spring-boot spring-boot-actuator spring-boot-actuator-autoconfigure"
    " spring-boot-autoconfigure spring-boot-devtools spring-boot-jarmode-layertools spring-boot-jarmode-tools"
    " spring-boot-loader spring-boot-starter spring-boot-starter-actuator spring-boot-starter-json"
    " spring-boot-starter-logging spring-boot-starter-security spring-boot-starter-tomcat spring-boot-starter-web",
    "org.springframework.security": "spring-security-acl spring-security-config spring-security-core"
    " spring-security-crypto spring-security-ldap spring-security-messaging spring-security-oauth2-client"
    " spring-security-oauth2-core spring-security-oauth2-jose spring-security-oauth2-resource-server spring-security-web",
    "org.apache.tomcat.embed": "tomcat-embed-core tomcat-embed-el tomcat-embed-jasper tomcat-embed-websocket",
    "org.apache.ant": "ant ant-launcher ant-junit",
    "org.apache.velocity": "velocity velocity-tools",
    "org.jetbrains.kotlin": "kotlin-reflect kotlin-script-runtime kotlin-stdlib kotlin-stdlib-common"
    " kotlin-stdlib-jdk7 kotlin-stdlib-jdk8",
    "org.jetbrains.kotlinx": "kotlinx-coroutines-core kotlinx-coroutines-core-jvm kotlinx-coroutines-jdk8",
    "org.junit.jupiter": "junit-jupiter junit-jupiter-api junit-jupiter-engine junit-jupiter-params",
    "org.junit.platform": "junit-platform-commons junit-platform-engine junit-platform-launcher",
    "org.ow2.asm": "asm asm-analysis asm-commons asm-tree asm-util",
    "org.hamcrest": "hamcrest hamcrest-core hamcrest-library",
    "io.projectreactor": "reactor-core",
    "io.projectreactor.netty": "reactor-netty reactor-netty-core reactor-netty-http",
    "io.micrometer": "micrometer-commons micrometer-core micrometer-observation micrometer-registry-prometheus",
    "io.opentelemetry": "opentelemetry-api opentelemetry-common opentelemetry-context opentelemetry-sdk"
    " opentelemetry-sdk-common opentelemetry-sdk-logs opentelemetry-sdk-metrics opentelemetry-sdk-trace",
    "com.squareup.okhttp3": "okhttp",
    "com.squareup.okio": "okio okio-jvm",
    "com.google.protobuf": "protobuf-java protobuf-java-util",
    "net.java.dev.jna": "jna jna-platform",
    "org.codehaus.groovy": "groovy-all",
    "org.objenesis": "objenesis",
    "org.opentest4j": "opentest4j",
    "org.checkerframework": "checker-qual",
    "org.reactivestreams": "reactive-streams",
    "org.roaringbitmap": "RoaringBitmap",
    "com.github.ben-manes.caffeine": "caffeine",
    "com.google.code.findbugs": "jsr305",
    "com.google.re2j": "re2j",
    "com.h2database": "h2",
    "com.jayway.jsonpath": "json-path",
    "info.picocli": "picocli",
    "commons-beanutils": "commons-beanutils",
    "commons-cli": "commons-cli",
    "commons-collections": "commons-collections",
    "commons-digester": "commons-digester",
    "commons-logging": "commons-logging",
    "javax.inject": "javax.inject",
    "aopalliance": "aopalliance",
    "dom4j": "dom4j",
    "junit": "junit",
    "xml-apis": "xml-apis",
    "oro": "oro",
}

GROUPS = {artifact: group for group, artifacts in _ARTIFACTS.items() for artifact in artifacts.split()}
"""Group by artifact."""
