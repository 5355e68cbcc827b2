<?php
// The three calls by the package that openapi-generator's `php` made, with the system's Guzzle.
require 'GuzzleHttp/autoload.php';
spl_autoload_register(function (string $name): void {
    $path = __DIR__ . '/../made/php/lib/' . str_replace(['Portvakt\\', '\\'], ['', '/'], $name) . '.php';
    if (str_starts_with($name, 'Portvakt\\') && is_file($path)) {
        require $path;
    }
});

$asked = json_decode(file_get_contents($argv[1]), true);
$configuration = new Portvakt\Configuration();
$configuration->setHost($asked['base_url']);
foreach ($asked['headers'] as $header => $value) {
    $configuration->setApiKey($header, $value);
}
$api = new Portvakt\Api\AnsweredintegrationpersonalinformationaccessApi(
    new GuzzleHttp\Client(),
    $configuration
);
$listed = $api->answeredintegrationpersonalinformationaccessList(_limit: 3);
$negated = $api->answeredintegrationpersonalinformationaccessList(not__answer: true);
$body = new Portvakt\Model\AnsweredintegrationpersonalinformationaccessCreate([
    'answer' => false,
    'integration' => new Portvakt\Model\IntegrationuseragentReferenceInput(['id' => $asked['integration']]),
    'answered_by_tenant' => new Portvakt\Model\TenantReferenceInput(['id' => $asked['tenant']]),
]);
$made = $api->answeredintegrationpersonalinformationaccessCreate($body);
echo json_encode([
    'listed' => array_map(fn ($one) => $one->getId(), $listed),
    'negated' => array_map(fn ($one) => $one->getAnswer(), $negated),
    'created' => $made->getId(),
]), "\n";
